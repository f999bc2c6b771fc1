keybearer_fuzz(grants LINKS keybearer_access)
