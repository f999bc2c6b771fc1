foreach(unit client_key_format client_key_list client_keys)
    keybearer_unit_test(${unit} LINKS keybearer_clientkeys)
endforeach()
keybearer_unit_test(connection_keys LINKS keybearer_rpc)
