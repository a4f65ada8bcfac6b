resource "awsbilling_partner_account_invitation" "example" {
  account_id = "111122223333"
}

resource "awsbilling_org_handshake_accept" "example" {
  organization_id = awsbilling_partner_account_invitation.example.organization_id # accepted from nobody else

  assume_role = {
    role_arn = "arn:aws:iam::111122223333:role/example-onboarding"
  }
}
