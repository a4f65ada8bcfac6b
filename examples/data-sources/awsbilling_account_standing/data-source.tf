data "awsbilling_account_standing" "example" {
  partner_organization_id = "o-examplepartner"
}

output "what_to_do_next" {
  value = data.awsbilling_account_standing.example.summary
}

output "what_ends" {
  value = data.awsbilling_account_standing.example.loses
}
