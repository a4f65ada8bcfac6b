resource "awsbilling_billing_transfer_invitation" "example" {
  account_id  = "555566667777"
  name        = "example-company"
  start_month = "2027-01"
}

resource "awsbilling_billing_transfer_accept" "example" {
  organization_id = awsbilling_billing_transfer_invitation.example.organization_id # accepted from nobody else
  start_month     = "2027-01"

  assume_role = {
    role_arn = "arn:aws:iam::555566667777:role/example-onboarding"
  }
}
