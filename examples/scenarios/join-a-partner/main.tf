# Both sides of joining a billing partner, in one configuration.
#
# A startup's only account joins. A customer keeps its organization and gives two of its accounts to the
# partner: one moves in one step, the other is removed from the organization first.

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

# The customer's management account.
provider "awsbilling" {
  alias               = "customer"
  profile             = "customer-management"
  allowed_account_ids = ["111122223333"]
}

# The startup's only account.
provider "awsbilling" {
  alias   = "startup"
  profile = "startup"
}

locals {
  accounts = {
    startup = provider::awsbilling::account_id_normalize("4444-5555-6666") # as the console shows it
    sandbox = "111122224444"
    archive = "111122225555"
  }
}

# The partner invites.
resource "awsbilling_partner_account_invitation" "all" {
  for_each = local.accounts
  provider = awsbilling.payer

  account_id = each.value
  notes      = "Welcome. Questions: billing@partner.example.com"
  tags       = { customer = each.key }
}

# The startup accepts, from the partner's organization and from nobody else.
resource "awsbilling_org_handshake_accept" "startup" {
  provider        = awsbilling.startup
  organization_id = awsbilling_partner_account_invitation.all["startup"].organization_id
}

# A member of the customer's organization accepts and moves in one step.
resource "awsbilling_org_handshake_accept" "sandbox" {
  provider        = awsbilling.customer
  organization_id = awsbilling_partner_account_invitation.all["sandbox"].organization_id
  assume_role     = { role_arn = "arn:aws:iam::${local.accounts.sandbox}:role/OrganizationAccountAccessRole" }
}

# Another member is removed by the customer's management account, and accepts when it stands alone.
resource "awsbilling_org_member_removal" "archive" {
  provider   = awsbilling.customer
  account_id = local.accounts.archive
}

resource "awsbilling_org_handshake_accept" "archive" {
  provider        = awsbilling.customer
  organization_id = awsbilling_partner_account_invitation.all["archive"].organization_id
  assume_role     = { role_arn = "arn:aws:iam::${local.accounts.archive}:role/OrganizationAccountAccessRole" }
  depends_on      = [awsbilling_org_member_removal.archive]
}

# What AWS says afterwards.
data "awsbilling_org_members" "partner" {
  provider = awsbilling.payer
  depends_on = [
    awsbilling_org_handshake_accept.startup,
    awsbilling_org_handshake_accept.sandbox,
    awsbilling_org_handshake_accept.archive,
  ]
}

data "awsbilling_org_members" "customer" {
  provider = awsbilling.customer
  depends_on = [
    awsbilling_org_handshake_accept.sandbox,
    awsbilling_org_handshake_accept.archive,
  ]
}

output "accounts_that_the_partner_pays_for" {
  value = { for account in data.awsbilling_org_members.partner.accounts : account.id => account.name }
}

output "accounts_that_the_customer_pays_for" {
  value = { for account in data.awsbilling_org_members.customer.accounts : account.id => account.name }
}
