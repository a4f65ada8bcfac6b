# A customer keeps its organization and transfers only its bill to a partner.

terraform {
  required_version = ">= 1.8"

  required_providers {
    awsbilling = {
      source = "awsbilling/awsbilling"
    }
  }
}

# The partner's payer, whose quota of inbound transfers was raised.
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

locals {
  start_month = "2027-01"
}

resource "awsbilling_billing_transfer_invitation" "customer" {
  provider    = awsbilling.payer
  account_id  = "111122223333"
  name        = "customer"
  start_month = local.start_month
  notes       = "Welcome. Questions: billing@partner.example.com"
}

resource "awsbilling_billing_transfer_accept" "customer" {
  provider        = awsbilling.customer
  organization_id = awsbilling_billing_transfer_invitation.customer.organization_id
  start_month     = local.start_month
}

data "awsbilling_org_members" "customer" {
  provider   = awsbilling.customer
  depends_on = [awsbilling_billing_transfer_accept.customer]
}

output "transferred_from" {
  value = awsbilling_billing_transfer_accept.customer.starts_at
}

output "accounts_that_stay_where_they_are" {
  value = data.awsbilling_org_members.customer.accounts[*].name
}

# The report that the customer had before: it flows until the partner pays, and then no longer. The partner
# makes a new one before that month ends.
data "awsbilling_cur_delivery" "finance" {
  provider    = awsbilling.customer
  report_name = "finance-hourly"
}

output "report" {
  value = {
    state       = data.awsbilling_cur_delivery.finance.state
    explanation = data.awsbilling_cur_delivery.finance.explanation
    paid_by     = data.awsbilling_cur_delivery.finance.bill_paid_by
    months      = data.awsbilling_cur_delivery.finance.months[*].billing_period
  }
}
