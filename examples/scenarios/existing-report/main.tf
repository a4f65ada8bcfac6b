# A report that exists already, and an analyzer that takes over its history.

terraform {
  required_version = ">= 1.8"

  required_providers {
    awsbilling = {
      source = "awsbilling/awsbilling"
    }
  }
}

provider "awsbilling" {
  profile             = "customer-management"
  allowed_account_ids = ["111122223333"]
}

# The account from which the analyzer calls, as its console shows it.
locals {
  analyzer_account_id = "999988887777"
}

resource "awsbilling_cost_analyzer_connection" "analyzer" {
  analyzer    = "custom"
  report_name = "finance-daily"
  principals  = [local.analyzer_account_id]
  external_id = "example-external-id"
}

resource "awsbilling_cur_backfill_access" "analyzer" {
  report_name = "finance-daily"
  principals  = [local.analyzer_account_id]
}

data "awsbilling_cur_delivery" "finance" {
  report_name     = "finance-daily"
  backfill_months = 6
}

output "role" {
  value = awsbilling_cost_analyzer_connection.analyzer.role_arn
}

output "six_months_are_there" {
  value = data.awsbilling_cur_delivery.finance.backfill_ready
}

output "months" {
  value = data.awsbilling_cur_delivery.finance.months[*].billing_period
}
