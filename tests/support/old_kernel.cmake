# For the tests in tests/attack: LD_PRELOAD=tests/old-kernel.so
add_library(old-kernel MODULE old_kernel.c)
target_link_libraries(old-kernel PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(old-kernel PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
