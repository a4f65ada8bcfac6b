resource "awsbilling_billing_transfer_invitation" "example" {
  account_id  = "111122223333" # the other organization's management account
  name        = "example-customer"
  start_month = "2027-01"
}
