keybearer_fuzz(metadata LINKS keybearer_oauth)
keybearer_fuzz(token_response LINKS keybearer_oauth)
keybearer_fuzz(jwks LINKS keybearer_oauth)
keybearer_fuzz(id_token LINKS keybearer_oauth OpenSSL::Crypto)
