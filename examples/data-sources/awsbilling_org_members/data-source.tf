data "awsbilling_org_members" "example" {}

output "account_ids" {
  value = [
    for account in data.awsbilling_org_members.example.accounts : account.id
    if !account.is_management_account
  ]
}
