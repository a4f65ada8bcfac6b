resource "awsbilling_billing_transfer_accept" "example" {
  organization_id = "o-examplepartner" # the payer's; accepted from nobody else
  start_month     = "2027-01"
}
