# 999988887777
output "payer" {
  value = provider::awsbilling::organization_arn_parse("arn:aws:organizations::999988887777:organization/o-exampleorgid").management_account_id
}
