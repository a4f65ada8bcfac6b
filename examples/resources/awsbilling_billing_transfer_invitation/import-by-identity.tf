import {
  to = awsbilling_billing_transfer_invitation.example
  identity = {
    account_id      = "555566667777"
    organization_id = "o-exampleorgid"
  }
}
