data "awsbilling_consolidated_bill" "example" {
  start_month = "2026-10"
  end_month   = "2026-11"
  metric      = "unblended"
}

output "cost_of_each_account" {
  value = {
    for account in data.awsbilling_consolidated_bill.example.accounts :
    account.account_id => "${account.amount} ${account.currency}"
  }
}
