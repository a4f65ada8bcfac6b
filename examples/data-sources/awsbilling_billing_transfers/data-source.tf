data "awsbilling_billing_transfers" "example" {}

output "paying_for" {
  value = [
    for transfer in data.awsbilling_billing_transfers.example.inbound : transfer.source_account_id
    if transfer.is_active
  ]
}
