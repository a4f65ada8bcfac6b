locals {
  accounts = ["111122223333", "222233334444"]
}

resource "awsbilling_partner_account_invitations" "example" {
  accounts = { for id in local.accounts : id => {} }
}

resource "awsbilling_org_handshake_accepts" "example" {
  organization_id = awsbilling_partner_account_invitations.example.organization_id # accepted from nobody else

  accounts = {
    for id in local.accounts : id => {
      assume_role = { role_arn = "arn:aws:iam::${id}:role/example-onboarding" }
    }
  }

  depends_on = [awsbilling_partner_account_invitations.example]
}
