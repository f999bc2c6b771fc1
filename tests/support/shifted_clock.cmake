# For the tests in tests/attack: LD_PRELOAD=tests/shifted-clock.so
enable_language(C)
add_library(shifted-clock MODULE shifted_clock.c)
set_target_properties(shifted-clock PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
