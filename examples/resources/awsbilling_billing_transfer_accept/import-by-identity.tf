import {
  to = awsbilling_billing_transfer_accept.example
  identity = {
    transfer_id = "rt-exampletransfer"
  }
}
