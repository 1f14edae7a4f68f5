"""SageMaker's notebooks, endpoints and jobs; everything else is moto's."""
