# Case 3: a customer with an organization of its own joins a billing partner with all of it.
#
# Linked accounts join the partner in one step, or are removed to stand alone. When the organization is
# empty it is deleted, and the former management account joins, too. One apply does it in this order; if it
# stops half-way, the next apply goes on from there.

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

# The accounts are written out and not read from the organization, which is gone in the end. They have names,
# because Terraform takes long over a large set.
variable "moving_accounts" {
  description = "Linked accounts that join the partner, by name."
  type        = map(string)
  default = {
    production  = "111122224444"
    development = "111122225555"
    data        = "111122226666"
  }
}

variable "leaving_accounts" {
  description = "Linked accounts that stand alone afterwards, and pay for themselves, by name."
  type        = map(string)
  default     = { spinoff = "111122227777" }
}

locals {
  invited_accounts = merge(var.moving_accounts, { management = "111122223333" })
}

# The partner invites every account that is to join.
resource "awsbilling_partner_account_invitation" "all" {
  for_each   = local.invited_accounts
  provider   = awsbilling.payer
  account_id = each.value
}

# Linked accounts accept while they are still members, and move in one step.
resource "awsbilling_org_handshake_accept" "linked" {
  for_each        = var.moving_accounts
  provider        = awsbilling.customer
  organization_id = awsbilling_partner_account_invitation.all[each.key].organization_id
  assume_role     = { role_arn = "arn:aws:iam::${each.value}:role/OrganizationAccountAccessRole" }
}

# Others are removed.
resource "awsbilling_org_member_removal" "linked" {
  for_each   = var.leaving_accounts
  provider   = awsbilling.customer
  account_id = each.value
}

# The empty organization is deleted.
resource "awsbilling_org_deletion" "old" {
  provider        = awsbilling.customer
  organization_id = "o-examplecustomer" # written out: this cannot be undone
  depends_on = [
    awsbilling_org_handshake_accept.linked,
    awsbilling_org_member_removal.linked,
  ]
}

# The former management account joins.
resource "awsbilling_org_handshake_accept" "management" {
  provider        = awsbilling.customer
  organization_id = awsbilling_partner_account_invitation.all["management"].organization_id
  depends_on      = [awsbilling_org_deletion.old]
}

output "paid_by" {
  value = awsbilling_org_handshake_accept.management.management_account_id
}
