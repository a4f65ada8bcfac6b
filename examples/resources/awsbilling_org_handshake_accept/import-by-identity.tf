import {
  to = awsbilling_org_handshake_accept.example
  identity = {
    account_id      = "111122223333"
    organization_id = "o-exampleorgid"
  }
}
