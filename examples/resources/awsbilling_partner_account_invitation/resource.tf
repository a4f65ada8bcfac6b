resource "awsbilling_partner_account_invitation" "example" {
  account_id = "111122223333"
  notes      = "Welcome. Questions: billing@partner.example.com"

  tags = {
    customer = "example-customer"
  }
}
