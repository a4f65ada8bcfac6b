data "awsbilling_management_account_security" "example" {}

output "what_to_repair" {
  value = {
    for finding in data.awsbilling_management_account_security.example.findings :
    finding.code => finding.remedy
  }
}

check "management_account" {
  assert {
    condition     = data.awsbilling_management_account_security.example.secure
    error_message = join("\n", data.awsbilling_management_account_security.example.findings[*].message)
  }
}
