# A company makes an organization, fills it, guards it, and reads its first bill.

terraform {
  required_version = ">= 1.8"

  required_providers {
    awsbilling = {
      source = "awsbilling/awsbilling"
    }
  }
}

# The account that will manage the organization and pay for all of it.
provider "awsbilling" {
  profile             = "company-management"
  allowed_account_ids = ["111122223333"]
}

# An account that exists already, with its own owner.
provider "awsbilling" {
  alias               = "acquisition"
  profile             = "acquisition-owner"
  allowed_account_ids = ["444455556666"]
}

locals {
  new_accounts = {
    Production = "production@company.example.com"
    Sandbox    = "sandbox@company.example.com"
  }
}

resource "awsbilling_organization" "company" {
  feature_set         = "ALL"
  deletion_protection = true
}

resource "awsbilling_org_member_account" "new" {
  for_each = local.new_accounts
  name     = each.key
  email    = each.value

  depends_on = [awsbilling_organization.company]
}

resource "awsbilling_partner_account_invitation" "acquisition" {
  account_id = "444455556666"
  notes      = "One bill for all of us. Questions: finance@company.example.com"

  depends_on = [awsbilling_organization.company]
}

resource "awsbilling_org_handshake_accept" "acquisition" {
  provider        = awsbilling.acquisition
  organization_id = awsbilling_partner_account_invitation.acquisition.organization_id
}

resource "awsbilling_account_password_policy" "management" {
  minimum_password_length = 16
}

data "awsbilling_management_account_security" "management" {
  depends_on = [awsbilling_organization.company, awsbilling_account_password_policy.management]
}

# AWS prepares the bill of a new organization for about a day; until then there is none.
data "awsbilling_consolidated_bill" "company" {
  start_month       = "2026-11"
  allow_unavailable = true

  depends_on = [awsbilling_org_member_account.new, awsbilling_org_handshake_accept.acquisition]
}

output "left_to_do_by_hand" {
  value = data.awsbilling_management_account_security.management.findings[*].remedy
}

output "bill" {
  value = {
    for month in data.awsbilling_consolidated_bill.company.months : month.month => {
      total     = month.total
      estimated = month.estimated
      accounts  = { for account in month.accounts : account.name => account.amount }
    }
  }
}
