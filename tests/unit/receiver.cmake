keybearer_unit_test(callback_request LINKS keybearer_oauth)
foreach(unit loopback_receiver receiver_crowd result_page)
    keybearer_unit_test(${unit} SOURCES receiver_clients.cpp LINKS keybearer_oauth)
endforeach()
