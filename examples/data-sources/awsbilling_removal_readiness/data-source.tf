data "awsbilling_removal_readiness" "example" {}

output "not_ready" {
  value = {
    for account in data.awsbilling_removal_readiness.example.accounts :
    account.id => account.blockers[*].remedy if !account.ready
  }
}
