# Case 1: an account that stands alone joins a billing partner.

terraform {
  required_version = ">= 1.8"

  required_providers {
    awsbilling = {
      source = "awsbilling/awsbilling"
    }
  }
}

# The partner's payer: the management account of the organization that is joined.
provider "awsbilling" {
  alias               = "payer"
  profile             = "partner-payer"
  allowed_account_ids = ["999988887777"]
}

# The customer's only account.
provider "awsbilling" {
  alias               = "customer"
  profile             = "customer"
  allowed_account_ids = ["111122223333"]
}

resource "awsbilling_partner_account_invitation" "customer" {
  provider   = awsbilling.payer
  account_id = "111122223333"
  notes      = "Welcome. Questions: billing@partner.example.com"
}

resource "awsbilling_org_handshake_accept" "customer" {
  provider        = awsbilling.customer
  organization_id = awsbilling_partner_account_invitation.customer.organization_id
}

output "paid_by" {
  value = awsbilling_org_handshake_accept.customer.management_account_id
}
