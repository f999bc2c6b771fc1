foreach(unit mcp_message mcp_message_headers mcp_remote mcp_resumption sse_parser)
    keybearer_unit_test(${unit} LINKS keybearer_mcp)
endforeach()
