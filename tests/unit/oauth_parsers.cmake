foreach(unit pkce url metadata server_json token_response jwks retry_after device_authorization pushed_request client_registration resource_metadata http_client http_faults http_tls)
    keybearer_unit_test(${unit} LINKS keybearer_oauth)
endforeach()
# These make signed tokens with OpenSSL itself.
foreach(unit jws id_token)
    keybearer_unit_test(${unit} LINKS keybearer_oauth OpenSSL::Crypto)
endforeach()
