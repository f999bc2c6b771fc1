keybearer_unit_test(decide LINKS keybearer_access)
foreach(unit audit_files audit_line audit_log audit_query audit_seal audit_seal_keeper use_history)
    keybearer_unit_test(${unit} LINKS keybearer_audit)
endforeach()
