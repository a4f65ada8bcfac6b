import {
  to = awsbilling_org_member_account.example
  identity = {
    account_id      = "444455556666"
    organization_id = "o-exampleorgid"
  }
}
