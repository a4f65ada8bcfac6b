terraform {
  required_providers {
    awsbilling = {
      source = "awsbilling/awsbilling"
    }
  }
}

# The partner's side: the management account of the organization that pays.
provider "awsbilling" {
  alias               = "payer"
  profile             = "partner-payer"
  allowed_account_ids = ["999988887777"]

  default_tags {
    tags = {
      managed-by = "terraform"
    }
  }
}

# The customer's side, through a role in the account that joins.
provider "awsbilling" {
  alias   = "customer"
  profile = "customer-management"

  assume_role {
    role_arn    = "arn:aws:iam::111122223333:role/example-administrator"
    external_id = "example-external-id"
  }
}
