# Case 2: members of another organization join a billing partner.
#
# One account moves in one step, as AWS recommends. The other goes the old way: it leaves its organization,
# stands alone for a moment, and accepts then.

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

# The customer's two accounts, members of the organization of a former payer.
provider "awsbilling" {
  alias               = "sandbox"
  profile             = "customer-sandbox"
  allowed_account_ids = ["111122224444"]
}

provider "awsbilling" {
  alias               = "archive"
  profile             = "customer-archive"
  allowed_account_ids = ["111122225555"]
}

resource "awsbilling_partner_account_invitation" "all" {
  for_each = {
    sandbox = "111122224444"
    archive = "111122225555"
  }
  provider   = awsbilling.payer
  account_id = each.value
}

# In one step: the account is never without an organization, and needs no payment method of its own.
resource "awsbilling_org_handshake_accept" "sandbox" {
  provider        = awsbilling.sandbox
  organization_id = awsbilling_partner_account_invitation.all["sandbox"].organization_id
}

# The old way: the account leaves only when the partner's invitation is open.
resource "awsbilling_org_departure" "archive" {
  provider             = awsbilling.archive
  organization_id      = "o-exampleformer"
  next_organization_id = awsbilling_partner_account_invitation.all["archive"].organization_id
}

resource "awsbilling_org_handshake_accept" "archive" {
  provider        = awsbilling.archive
  organization_id = awsbilling_partner_account_invitation.all["archive"].organization_id
  depends_on      = [awsbilling_org_departure.archive]
}

output "moved_from" {
  value = awsbilling_org_handshake_accept.sandbox.previous_organization_id
}
