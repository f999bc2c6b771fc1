# For the tests in tests/attack: LD_PRELOAD=tests/taken-over.so
add_library(taken-over MODULE taken_over.c)
set_target_properties(taken-over PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
