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

# The bill as each side sees it. The partner sees the customer's once the transfer has begun.
data "awsbilling_consolidated_bill" "customer" {
  provider    = awsbilling.customer
  start_month = "2026-11"
  depends_on  = [awsbilling_billing_transfer_accept.customer]
}

data "awsbilling_consolidated_bill" "partner" {
  provider          = awsbilling.payer
  source_account_id = "111122223333"
  start_month       = "2026-11"
  allow_unavailable = true
  depends_on        = [awsbilling_billing_transfer_accept.customer]
}

output "who_paid" {
  value = {
    customer = { for month in data.awsbilling_consolidated_bill.customer.months : month.month => month.total }
    partner  = { for month in data.awsbilling_consolidated_bill.partner.months : month.month => month.total }
  }
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
