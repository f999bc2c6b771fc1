keybearer_library(test_keyring MOC
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/fake_prompter.cpp ${CMAKE_CURRENT_LIST_DIR}/private_keyring.cpp
    LINKS Qt6::Core Qt6::DBus Qt6::Test)
