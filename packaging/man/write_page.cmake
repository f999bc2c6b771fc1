# A page from its template: @VERBS@, @METHODS@ and @ERRORS@ come from the program that knows them.
string(REGEX REPLACE " 0" " " DATE "${DATE}")
file(READ ${PAGE} text)
foreach(part VERBS METHODS ERRORS)
    if(text MATCHES "@${part}@")
        string(TOLOWER ${part} argument)
        execute_process(COMMAND ${TOOL} ${argument} OUTPUT_VARIABLE ${part} COMMAND_ERROR_IS_FATAL ANY
            OUTPUT_STRIP_TRAILING_WHITESPACE)
    endif()
endforeach()
configure_file(${PAGE} ${WRITTEN} @ONLY)
