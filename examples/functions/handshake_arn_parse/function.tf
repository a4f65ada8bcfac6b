locals {
  arn = "arn:aws:organizations::999988887777:handshake/o-exampleorgid/invite/h-examplehandshakeid111"
}

# "o-exampleorgid"
output "organization_id" {
  value = provider::awsbilling::handshake_arn_parse(local.arn).organization_id
}
