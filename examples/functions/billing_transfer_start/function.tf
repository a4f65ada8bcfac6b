# "2027-01-01T00:00:00Z"
output "start" {
  value = provider::awsbilling::billing_transfer_start("2027-01")
}
