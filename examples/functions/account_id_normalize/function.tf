# "111122223333"
output "account_id" {
  value = provider::awsbilling::account_id_normalize("1111-2222-3333")
}
