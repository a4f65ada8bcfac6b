import {
  to = awsbilling_partner_account_invitation.example
  identity = {
    account_id = "111122223333"
  }
}
