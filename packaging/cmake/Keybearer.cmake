# Build rules that every target shares. One folder is one target is one namespace: keybearer_library() takes the
# target's name from the folder, so that the layer table of tests/unit/layers and the link graph cannot drift apart.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_AUTOMOC OFF) # asked for per target: most of the tree has no QObject
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

include(GNUInstallDirs)
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(keybearer_flags INTERFACE)
target_include_directories(keybearer_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(keybearer_flags INTERFACE
    KEYBEARER_VERSION="${PROJECT_VERSION}"
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY QT_NO_URL_CAST_FROM_STRING
    QT_NO_FOREACH QT_NO_KEYWORDS)
target_compile_options(keybearer_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
if(KEYBEARER_WERROR)
    target_compile_options(keybearer_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False alarms in std::string's operator+ (GCC bug 105651).
    target_compile_options(keybearer_flags INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(keybearer_flags INTERFACE -Wno-unused-command-line-argument)
endif()
target_compile_options(keybearer_flags INTERFACE -fstack-protector-strong -fstack-clash-protection -fcf-protection)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(keybearer_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    target_compile_definitions(keybearer_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
target_link_options(keybearer_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)

# keybearer_library(<name> SOURCES ... [LINKS ...] [MOC])
#
# A release compiles a folder's sources six at a time, which takes a third of the time: most of it goes into Qt's and
# nlohmann-json's headers. So names in the anonymous namespaces of one folder differ from each other. Debug builds
# compile file by file, and show a missing include.
function(keybearer_library name)
    cmake_parse_arguments(ARG "MOC" "" "SOURCES;LINKS" ${ARGN})
    add_library(keybearer_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(keybearer_${name} PUBLIC keybearer_flags ${ARG_LINKS})
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
        set_target_properties(keybearer_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            # It warns of every coroutine frame that holds a type of an anonymous namespace, as if those were headers.
            target_compile_options(keybearer_${name} PRIVATE -Wno-subobject-linkage)
        endif()
    endif()
    if(ARG_MOC)
        set_target_properties(keybearer_${name} PROPERTIES AUTOMOC ON)
    endif()
endfunction()

# keybearer_unit_test(<name> [LINKS ...]): tst_<name>.cpp, one Qt Test class, one ctest entry
function(keybearer_unit_test name)
    cmake_parse_arguments(ARG "" "" "LINKS;SOURCES" ${ARGN})
    add_executable(tst_${name} tst_${name}.cpp ${ARG_SOURCES})
    set_target_properties(tst_${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(tst_${name} PRIVATE keybearer_flags Qt6::Test ${ARG_LINKS})
    add_test(NAME unit.${name} COMMAND tst_${name})
    set_tests_properties(unit.${name} PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()
