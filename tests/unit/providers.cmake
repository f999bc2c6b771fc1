foreach(unit redirect profile_file catalogue config)
    keybearer_unit_test(${unit} LINKS keybearer_providers)
endforeach()
target_compile_definitions(tst_catalogue PRIVATE KEYBEARER_PROVIDERS="${CMAKE_CURRENT_SOURCE_DIR}/../../resources/providers")
