import {
  to = awsbilling_org_member_removal.example
  identity = {
    account_id      = "444455556666"
    organization_id = "o-exampleorgid"
  }
}
