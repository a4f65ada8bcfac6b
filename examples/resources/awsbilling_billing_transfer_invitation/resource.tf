resource "awsbilling_billing_transfer_invitation" "example" {
  account_id  = "555566667777" # the other organization's management account
  name        = "example-company"
  start_month = "2027-01"
}
