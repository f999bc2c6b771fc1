# keybearer_widget_test(<name> [LINKS ...]): a unit test without a display
function(keybearer_widget_test name)
    keybearer_unit_test(${name} ${ARGN})
    set_tests_properties(unit.${name} PROPERTIES ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()

keybearer_unit_test(reading LINKS keybearer_model)
keybearer_unit_test(words LINKS keybearer_model)
keybearer_widget_test(icons LINKS keybearer_tray)
keybearer_widget_test(client_icons LINKS keybearer_tray)
keybearer_widget_test(qr_code LINKS keybearer_tray)
keybearer_widget_test(single_instance LINKS keybearer_tray)
