import {
  to = awsbilling_account_password_policy.example
  identity = {
    account_id = "999988887777"
  }
}
