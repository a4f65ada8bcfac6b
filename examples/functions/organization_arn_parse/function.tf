locals {
  arn = "arn:aws:organizations::999988887777:organization/o-exampleorgid"
}

# "999988887777"
output "payer" {
  value = provider::awsbilling::organization_arn_parse(local.arn).management_account_id
}
