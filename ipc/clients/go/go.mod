module keybearer.dev/keybearer

go 1.19
