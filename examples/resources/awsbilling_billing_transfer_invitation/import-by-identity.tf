import {
  to = awsbilling_billing_transfer_invitation.example
  identity = {
    account_id      = "111122223333"
    organization_id = "o-examplepartner"
  }
}
