keybearer_fuzz(mcp_events LINKS keybearer_mcp)
keybearer_fuzz(mcp_message LINKS keybearer_mcp)
