keybearer_unit_test(process_text LINKS keybearer_platform)

# Real processes: a program that says who it is and waits, and what starts such.
add_executable(process_child process_child.cpp)
set_target_properties(process_child PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(process_child PRIVATE keybearer_flags)
add_library(process_children STATIC fuse_folder.cpp process_children.cpp)
target_link_libraries(process_children PUBLIC keybearer_base Qt6::Core)
target_compile_definitions(process_children PRIVATE KEYBEARER_PROCESS_CHILD="$<TARGET_FILE:process_child>")
add_dependencies(process_children process_child)

keybearer_unit_test(process LINKS keybearer_platform process_children)
keybearer_unit_test(process_files LINKS keybearer_platform process_children)

# What other systems get.
add_executable(tst_process_unsupported tst_process_unsupported.cpp ${CMAKE_SOURCE_DIR}/daemon/platform/process_unsupported.cpp)
set_target_properties(tst_process_unsupported PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(tst_process_unsupported PRIVATE keybearer_flags keybearer_base Qt6::Test)
add_test(NAME unit.process_unsupported COMMAND tst_process_unsupported)
set_tests_properties(unit.process_unsupported PROPERTIES TIMEOUT 120 LABELS unit)

keybearer_unit_test(interpreter LINKS keybearer_identity)
keybearer_unit_test(file_hashes LINKS keybearer_identity)
keybearer_unit_test(identity LINKS keybearer_identity process_children)
keybearer_unit_test(front_ends LINKS keybearer_identity process_children)
keybearer_unit_test(identifier LINKS keybearer_identity process_children)
