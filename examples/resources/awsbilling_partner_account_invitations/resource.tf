locals {
  customers = {
    "111122223333" = "Example Customer"
    "222233334444" = "Example Sandbox"
  }
}

resource "awsbilling_partner_account_invitations" "example" {
  accounts = {
    for id, name in local.customers : id => {
      notes = "Welcome, ${name}. Questions: billing@partner.example.com"
    }
  }

  lifecycle {
    # A pipeline stops here until every account has its invitation.
    postcondition {
      condition     = alltrue([for result in self.results : result.problem == null])
      error_message = "Some accounts could not be invited; apply again once the cause is removed."
    }
  }
}
