data "awsbilling_removal_readiness" "example" {}

output "not_ready" {
  value = {
    for account in data.awsbilling_removal_readiness.example.accounts :
    account.id => account.blockers[*].remedy if !account.ready
  }
}

output "in_the_way_of_deleting_the_organization" {
  value = data.awsbilling_removal_readiness.example.organization_blockers[*].remedy
}
